export { SessionProvider, useSession, useViewer, type Session, type Viewer } from './session'
export { takeTokenFromAddress } from './token'
