import { RouterProvider } from 'react-router/dom'

import { ToastProvider } from './parts/toast'
import { router } from './routes'
import { SessionProvider } from './session'

export function App() {
  return (
    <SessionProvider>
      <ToastProvider>
        <RouterProvider router={router} />
      </ToastProvider>
    </SessionProvider>
  )
}
