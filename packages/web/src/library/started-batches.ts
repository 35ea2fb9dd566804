import { client } from "../app/client.ts";
import { jobEnd } from "../app/job-end.ts";
import { showFault, showToast } from "../design/toast.tsx";
import { translate } from "../texts/texts.ts";

const sayEnd = async (job: number): Promise<void> => {
  await jobEnd(job);
  const { batch } = await client.getBatch({ params: { job }, query: { size: 1 } });
  const { changed, failed } = batch.counts;
  const text = translate("library.batch.ended", { changed, failed });
  showToast(changed > 0 ? { text, undo: () => client.undoBatch({ params: { job } }) } : { text });
};

/** Says in a toast when a batch has ended, with a way to undo it. */
export const followBatch = (job: number): void => void sayEnd(job).catch(showFault);
