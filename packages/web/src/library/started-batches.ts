import { client } from "../app/client.ts";
import { onEvent } from "../app/live.ts";
import { showFault, showToast } from "../design/toast.tsx";
import { translate } from "../texts/texts.ts";

/** The batches that this browser started, and whose end it says. */
const started = new Set<number>();

const sayEnd = async (job: number): Promise<void> => {
  const { batch } = await client.getBatch({ params: { job }, query: { size: 1 } });
  const { changed, failed } = batch.counts;
  const text = translate("library.batch.ended", { changed, failed });
  showToast(changed > 0 ? { text, undo: () => client.undoBatch({ params: { job } }) } : { text });
};

/** Says in a toast when a batch has ended, with a way to undo it. */
export const followBatch = (job: number): void => {
  started.add(job);
};

onEvent((message) => {
  if (message.kind !== "job" || message.action !== "ended" || !started.delete(message.job)) return;
  sayEnd(message.job).catch(showFault);
});
