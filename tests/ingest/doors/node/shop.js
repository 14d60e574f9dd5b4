// A shop in JavaScript that reports to the DSN it is given, by Sentry's SDK as it is: node shop.js DSN exception|crash
// It writes the ids that the SDK gave, as JSON.
"use strict";

const Sentry = require("@sentry/node");

const [dsn, deed] = process.argv.slice(2);
Sentry.init({ dsn, release: "shop@1.4.2", environment: "production", tracesSampleRate: 1.0 });

function order(id) {
  throw new TypeError(`order ${id} has no price`);
}

function checkout() {
  try {
    order(7);
  } catch (error) {
    throw new Error("the checkout failed", { cause: error });
  }
}

async function exception() {
  Sentry.setTag("tenant", "t7");
  Sentry.setUser({ id: "u1" });
  const ids = {};
  Sentry.startSpan({ name: "checkout" }, () => {
    try {
      checkout();
    } catch (error) {
      ids.error = Sentry.captureException(error);
    }
  });
  ids.message = Sentry.captureMessage("this is a warning", "warning");
  ids.feedback = Sentry.captureFeedback({
    name: "Ann",
    email: "ann@example.org",
    message: "it broke",
    associatedEventId: ids.error,
  });
  await Sentry.close(20000);
  process.stdout.write(JSON.stringify(ids));
}

if (deed === "crash") {
  setTimeout(checkout, 1);
} else {
  exception();
}
