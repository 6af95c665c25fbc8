/** Something to wait for until another opens it. */
export interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

/** A closed gate; opening it twice does nothing more. */
export function createGate(): Gate {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}
