// Starts GraphiQL on this very address. The token is typed into the headers and kept nowhere.
"use strict";
const fetcher = GraphiQL.createFetcher({ url: window.location.pathname });
const query = `# The token that Snaglist printed at its first start goes into "Headers" below, after "Bearer".
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
`;
ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(GraphiQL, {
    fetcher,
    defaultQuery: query,
    defaultHeaders: '{"Authorization": "Bearer "}',
    defaultEditorToolsVisibility: "headers",
    shouldPersistHeaders: false,
  }),
);
