import { SetMetadata } from '@nestjs/common';
import type { Scope } from '#contracts';

/** The metadata key under which a route says who may call it. */
export const ACCESS = 'alra:access';

/** Who may call a route: a token with this scope, or anybody. A route that says nothing is closed. */
export type Access = Scope | 'public';

/** Opens a route to tokens with this scope. */
export const Allow = (scope: Scope) => SetMetadata(ACCESS, scope satisfies Access);

/** Opens a route to everybody; it checks by itself whom it trusts. */
export const Public = () => SetMetadata(ACCESS, 'public' satisfies Access);
