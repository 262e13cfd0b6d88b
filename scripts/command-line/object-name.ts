/** Names of nodes, secrets, claims and most other objects: an RFC 1123 subdomain. */
export const objectName = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;
