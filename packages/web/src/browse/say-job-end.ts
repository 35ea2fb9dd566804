import { client } from "../app/client.ts";
import { jobEnd } from "../app/job-end.ts";
import { showFault, showToast } from "../design/toast.tsx";

/** Says how an install or upgrade ended that this browser began. @param failed is said where the job gives no reason */
export const sayJobEnd = async (
  job: number,
  { done, failed }: { done: string; failed: string },
): Promise<void> => {
  await jobEnd(job);
  const { result } = await client.getJobDetail({ params: { job } });
  const { success, error } = (result ?? {}) as { success?: number; error?: string | null };
  if (success === 1) showToast({ text: done });
  else showFault(new Error(error ?? failed));
};
