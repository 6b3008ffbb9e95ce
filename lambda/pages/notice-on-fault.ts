import { widgetNotice } from "./widget-notice.ts";
import type { WidgetPlace } from "./widget-place.ts";

/**
 * The answer, or where a fault of ours is in the way, a notice: the console would show the stack of what is thrown, in
 * the place of the board.
 *
 * @param log gets the fault for the log
 */
export async function noticeOnFault(
  answer: () => Promise<string>,
  { theme, width }: WidgetPlace,
  log: (fault: unknown) => void,
): Promise<string> {
  try {
    return await answer();
  } catch (fault) {
    log(fault);
    const problem = "a fault of Origin Watch; the log of the widget's function has more";
    return widgetNotice({ kind: "failed", problem }, theme, width);
  }
}
