/** Which page is at which address. Each page is a file of its own, fetched when it is first opened. */
import { createBrowserRouter, Navigate, type RouteObject } from 'react-router'

import { Broken } from './layout/broken'
import { Layout } from './layout/layout'
import { NotFound } from './layout/not_found'
import { SignIn } from './session/sign_in'

type PageModule = { default: React.ComponentType }

const page = (load: () => Promise<PageModule>): Pick<RouteObject, 'lazy'> => ({
  lazy: async () => ({ Component: (await load()).default }),
})

export const router = createBrowserRouter([
  {
    element: <Layout />,
    errorElement: <Broken />,
    hydrateFallbackElement: <></>,
    children: [
      {
        errorElement: <Broken />, // a page that breaks leaves the navigation where it is
        children: [
          { index: true, element: <Navigate to="/errors" replace /> },
          { path: 'errors', ...page(() => import('./errors/list/page')) },
          { path: 'errors/:id', ...page(() => import('./errors/detail/page')) },
          { path: 'instances', ...page(() => import('./instances/page')) },
          { path: 'apps', ...page(() => import('./apps/page')) },
          { path: '*', element: <NotFound /> },
        ],
      },
    ],
  },
  { path: '/sign-in', element: <SignIn />, errorElement: <Broken /> },
])
