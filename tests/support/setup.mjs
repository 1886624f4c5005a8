// Node 20 has no `using` symbols inside Jest's VM context.
Symbol.dispose ??= Symbol.for('nodejs.dispose');
Symbol.asyncDispose ??= Symbol.for('nodejs.asyncDispose');

// Each test file loads the Dapr SDK anew, and a logger inside it listens for errors of stdout.
process.stdout.setMaxListeners(0);
