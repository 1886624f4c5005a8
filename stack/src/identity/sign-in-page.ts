/** The page that asks who one is. It is sent to the address that it came from, parameters included. */
export function signInPage(people: readonly string[], fault = ''): string {
  const choices = people.map((name) => `<button name="person" value="${name}">${name}</button>`);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Sign in for development</title>
<style>
  :root { color-scheme: light dark; }
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 22rem; margin: 15vh auto; padding: 0 1rem; }
  input, button { font: inherit; padding: .4rem .8rem; box-sizing: border-box; }
  input { width: 100%; margin: .3rem 0 1rem; }
  button { text-transform: capitalize; margin-right: .5rem; }
</style>
<h1>Sign in</h1>
<p>This is the development issuer of your own machine. The terminal that started it shows the password.</p>
<p role="alert">${fault}</p>
<form method="post">
  <label>Password <input name="password" type="password" autocomplete="off" autofocus required></label>
  ${choices.join('\n  ')}
</form>
</html>`;
}
