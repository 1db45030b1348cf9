// One request, as the script of a page sees it: headers that are not exposed are missing, a refusal by CORS is an error.

globalThis.ask = async function ask(url, options) {
  try {
    const response = await fetch(url, options);
    const text = await response.text();
    const headers = Object.fromEntries(response.headers);
    return { status: response.status, headers, text, error: "" };
  } catch (error) {
    return { status: 0, headers: {}, text: "", error: String(error) };
  }
};
