import { graphql } from '../graph/generated'

export const VIEWER = graphql(`
  query Viewer {
    viewer {
      name
      email
      role
      permissions
      member {
        id
      }
      organization {
        id
        name
        slug
      }
    }
  }
`)

export const SIGN_IN_METHODS = graphql(`
  query SignInMethods {
    signInMethods {
      password
      oidc {
        name
        startUrl
      }
    }
  }
`)

export const SIGN_IN = graphql(`
  mutation SignIn($email: String!, $password: String!) {
    signIn(input: { email: $email, password: $password, cookie: true }) {
      expiresAt
      userErrors {
        message
      }
    }
  }
`)

export const SIGN_OUT = graphql(`
  mutation SignOut {
    signOut {
      signedOut
    }
  }
`)
