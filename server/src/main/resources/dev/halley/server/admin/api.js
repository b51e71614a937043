// The server's JSON. The key stays in this tab: no cookie, so no other page can ride on it.

const KEY = 'halley.admin.key';

export class Unauthorized extends Error {}

export const hasKey = () => sessionStorage.getItem(KEY) !== null;

export function useKey(key) {
  if (key) {
    sessionStorage.setItem(KEY, key);
  } else {
    sessionStorage.removeItem(KEY);
  }
}

async function call(path, options = {}) {
  const headers = { ...options.headers };
  if (hasKey()) {
    headers.Authorization = `Bearer ${sessionStorage.getItem(KEY)}`;
  }
  const response = await fetch(`api/${path}`, { ...options, headers, cache: 'no-store' });
  if (response.status === 401) {
    throw new Unauthorized();
  }
  const body = await response.json();
  if (!response.ok) {
    throw new Error(body.error?.message ?? `The server says ${response.status}`);
  }
  return body;
}

export const overview = () => call('overview');
export const connections = (query) => call(`connections?${new URLSearchParams(query)}`);
export const connection = (id) => call(`connections/${id}`);
export const disconnect = (id) => call(`connections/${id}/disconnect`, { method: 'POST' });
export const channels = (query) => call(`channels?${new URLSearchParams(query)}`);
export const channel = (name) => call(`channels/${encodeURIComponent(name)}`);
export const publish = (name, type, text) =>
  call(`channels/${encodeURIComponent(name)}`, {
    method: 'POST',
    headers: { 'Content-Type': type },
    body: text,
  });
