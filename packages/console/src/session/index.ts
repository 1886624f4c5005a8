export { SessionProvider, useSession } from './session';
export type { Me, Session } from './types';
