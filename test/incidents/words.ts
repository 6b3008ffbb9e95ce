import type { Words } from "../../lambda/incidents/words.ts";
import { lateMessage, renderDraft } from "../../lambda/tell/message.ts";
import { plainMessage } from "../../lambda/tell/plain-message.ts";
import { place, region, scope } from "../tell/records.ts";

/** The words of the deployed function, from the place that the builders of records are of. */
export const words: Words = {
  render: (draft, run, remarks) => renderDraft(draft, run, { scope, region, logGroup: null, ...place }, remarks),
  plain: plainMessage,
  late: lateMessage,
};
