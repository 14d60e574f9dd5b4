export { SessionProvider, useSession, useViewer } from './session'
export { takeTokenFromAddress } from './token'
export { useSignOut } from './use_sign_out'
