import { Aws } from "aws-cdk-lib/core";

/**
 * Dashboards of all Regions are in one list. A template may be launched under another name than it was made with. The
 * function that sends messages has the name too, because its messages lead to the dashboard.
 */
export const dashboardName = `${Aws.STACK_NAME}-origins-${Aws.REGION}`;
