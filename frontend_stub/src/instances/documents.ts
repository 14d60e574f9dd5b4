/** What the page of instances asks and does. */

import { graphql } from '../graph/generated'

export const INSTANCE_IN_LIST = graphql(`
  fragment InstanceInList on Instance {
    id
    name
    slug
    environment
    isDetecting
    errorDetectionEnabled
    errorIgnorePatterns
    addonFolders
    odooVersion
    commitSha
    lastScanAt
    lastScanStatus
    lastScanError
    lastCompleteAt
    scanLagSeconds
    lastMissedAt
    lastMissed
    project {
      id
      name
    }
    source {
      localFile {
        path
      }
      localDocker {
        container
      }
      localJournal {
        unit
      }
      localKubernetes {
        namespace
        target
        container
      }
      ssh {
        host
        port
        user
        hostKey
        hostKeyFingerprint
        hasPrivateKey
        hasPassword
        jump {
          host
          port
          user
          hostKey
          hostKeyFingerprint
          hasPrivateKey
          hasPassword
          jump {
            host
            port
            user
            hostKey
            hostKeyFingerprint
            hasPrivateKey
            hasPassword
            jump {
              host
              port
              user
              hostKey
              hostKeyFingerprint
              hasPrivateKey
              hasPassword
            }
          }
        }
        log {
          file {
            path
          }
          docker {
            container
          }
          journal {
            unit
          }
          kubernetes {
            namespace
            target
            container
          }
        }
      }
    }
  }
`)

export const INSTANCES = graphql(`
  query Instances($projectId: ID, $after: String) {
    instances(first: 50, after: $after, projectId: $projectId) {
      nodes {
        ...InstanceInList
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`)

export const CREATE_INSTANCE = graphql(`
  mutation CreateInstance($input: InstanceCreateInput!) {
    instanceCreate(input: $input) {
      instance {
        ...InstanceInList
      }
      userErrors {
        field
        message
      }
    }
  }
`)

export const UPDATE_INSTANCE = graphql(`
  mutation UpdateInstance($input: InstanceUpdateInput!) {
    instanceUpdate(input: $input) {
      instance {
        ...InstanceInList
      }
      userErrors {
        field
        message
      }
    }
  }
`)

export const DELETE_INSTANCE = graphql(`
  mutation DeleteInstance($input: InstanceDeleteInput!) {
    instanceDelete(input: $input) {
      deletedInstanceId
      userErrors {
        field
        message
      }
    }
  }
`)

export const SCAN_INSTANCE = graphql(`
  mutation ScanInstance($input: InstanceScanInput!) {
    instanceScan(input: $input) {
      detections
      newGroups
      bytesRead
      isBehind
      instance {
        ...InstanceInList
      }
      userErrors {
        field
        message
      }
    }
  }
`)

export const TEST_CONNECTION = graphql(`
  mutation TestConnection($input: InstanceTestConnectionInput!) {
    instanceTestConnection(input: $input) {
      connected
      hostKey
      hostKeyFingerprint
      hostKeyOf
      hostKeyField
      isHostKeyPinned
      logFound
      linesRead
      detections
      odooVersion
      problem
      userErrors {
        field
        message
      }
    }
  }
`)
