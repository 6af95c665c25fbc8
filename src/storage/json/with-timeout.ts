import { AppError } from '../../domain/errors.ts';

/** What the work gives, or INTERNAL_ERROR once it took longer than so many milliseconds. */
export async function withTimeout<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const message = `The work took more than ${milliseconds} ms; all others waited for it, so it was given up.`;
      reject(new AppError('INTERNAL_ERROR', message));
    }, milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
