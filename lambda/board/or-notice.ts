import { noticeHtml } from "./widget.ts";

/**
 * The answer, or where a fault of ours is in the way, a notice: the console would show the stack of what is thrown, in
 * the place of the board.
 *
 * @param log gets the fault for the log
 */
export async function orNotice(answer: () => Promise<string>, log: (fault: unknown) => void): Promise<string> {
  try {
    return await answer();
  } catch (fault) {
    log(fault);
    return noticeHtml({ kind: "failed", error: "a fault of Origin Watch; the log of the widget's function has more" });
  }
}
