import { type Kind, kinds, type LogKind, logKinds } from './collections.ts';

/** How the part of a view is made that belongs to one entry of the catalogues. */
interface ViewFactories<Owner> {
  readonly entities: <K extends Kind>(owner: Owner, kind: K) => object;
  readonly logs: <L extends LogKind>(owner: Owner, kind: L) => object;
}

/** Gives a class a getter for each entry of the catalogues: a view is made for every read, most of it never used. */
export function defineCatalogueViews<Owner extends object>(
  owner: { readonly prototype: Owner },
  make: ViewFactories<Owner>,
): void {
  for (const kind of kinds) {
    Object.defineProperty(owner.prototype, kind, {
      get(this: Owner) {
        return make.entities(this, kind);
      },
    });
  }
  for (const kind of logKinds) {
    Object.defineProperty(owner.prototype, kind, {
      get(this: Owner) {
        return make.logs(this, kind);
      },
    });
  }
}

/** The view that an owner of all parts is: its type is mapped over the catalogues that the getters were made from. */
export function catalogueViewOf<View>(owner: object): View {
  return owner as View;
}
