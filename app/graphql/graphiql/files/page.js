// Starts GraphiQL on this very address. Who is signed in to Snaglist in this browser is signed in here; a token that is
// typed into the headers counts more, and is kept nowhere.
"use strict";
const { createElement, createGraphiQLFetcher, createClient, createRoot, explorerPlugin, GraphiQL, parse } = Snaglist;
const url = window.location.href.split(/[?#]/)[0];

const examples = [
  `# Signed in to Snaglist in this browser?
# Run this with Ctrl+Enter. If not, the token
# that Snaglist printed at its first start goes
# into "Headers" below, after "Bearer".
#
# The explorer, the third picture on the left,
# puts queries together.
query Errors {
  errorStats {
    totalActive
    critical
    newLast24h
  }
  errors(first: 20) {
    totalCount
    nodes {
      id
      title
      severity
      status
      totalCount
      firstSeenAt
      lastSeenAt
      project {
        name
      }
      sparkline(days: 1)
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`,
  `# The newest errors: the latest occurrence of
# each with its traceback, where it was seen,
# and what happened to it.
query Details {
  errors(first: 3, orderBy: { field: FIRST_SEEN, direction: DESC }) {
    nodes {
      title
      message
      latestOccurrence {
        occurredAt
        frames {
          path
          line
          function
          inApp
        }
      }
      affectedInstances {
        name
        totalCount
      }
      history(first: 5) {
        nodes {
          kind
          at
          actorName
        }
      }
    }
  }
}
`,
  `# Tells at once of each error that is new,
# happens again or changes, until it is stopped.
# To hear what was missed since, give the last
# cursor to "after".
subscription Changes {
  errorChanged {
    cursor
    refetch
    error {
      id
      title
      status
      totalCount
    }
    changes {
      kind
      at
      actorName
    }
  }
}
`,
  `# Mutes errors. Put the ids of some into
# "Variables" below: {"input": {"ids": ["..."]}}
mutation Mute($input: ErrorGroupMuteInput!) {
  errorGroupMute(input: $input) {
    errorGroups {
      id
      muted
      muteUntil
    }
    userErrors {
      code
      field
      message
    }
  }
}
`,
];

/** GraphiQL's own headers, as a WebSocket can say them; without a token the session's cookie counts. */
function connectionParams(headers) {
  const named = Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === "authorization");
  const authorization = named?.[1]?.trim() ?? "";
  return authorization.includes(" ") ? { authorization } : {};
}

/** The operation that is meant; where there is one alone, GraphiQL may still name that of the tab it was in before. */
function operationOf({ query, operationName }) {
  try {
    const operations = parse(query).definitions.filter(({ kind }) => kind === "OperationDefinition");
    return operations.length === 1 ? operations[0] : operations.find(({ name }) => name?.value === operationName);
  } catch {
    return undefined; // the server says what is wrong with it
  }
}

const ask = createGraphiQLFetcher({ url });
function fetcher(given, { headers } = {}) {
  const operation = operationOf(given);
  const asked = operation ? { ...given, operationName: operation.name?.value } : given;
  if (operation?.operation !== "subscription") {
    return ask(asked, { headers });
  }
  const client = createClient({ url: url.replace(/^http/, "ws"), connectionParams: connectionParams(headers), retryAttempts: 3 });
  return client.iterate(asked);
}

createRoot(document.getElementById("graphiql")).render(
  createElement(GraphiQL, {
    fetcher,
    plugins: [explorerPlugin()],
    defaultTabs: examples.map((query) => ({ query, headers: '{"Authorization": "Bearer "}' })),
    defaultHeaders: '{"Authorization": "Bearer "}',
    defaultEditorToolsVisibility: "headers",
    shouldPersistHeaders: false,
  }),
);
