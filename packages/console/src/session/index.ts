export { SessionProvider, useSession, type Me, type Session } from './session';
