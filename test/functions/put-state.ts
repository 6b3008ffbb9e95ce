import { emptyState, type State } from "../../lambda/incidents/state.ts";
import { serializeState } from "../../lambda/incidents/state-format.ts";
import type { AwsEndpoint } from "../sandbox/aws/endpoint.ts";
import { STATE_BUCKET, STATE_KEY } from "../sandbox/deployment.ts";

/** Stores a state where the deployed functions read it. */
export function putState(aws: AwsEndpoint, state: Partial<State>): void {
  aws.objects.put(STATE_BUCKET, STATE_KEY, serializeState({ ...emptyState, ...state }));
}
