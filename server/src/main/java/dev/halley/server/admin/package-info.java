/** What an operator's page shows of the server: gathered loop by loop, bounded, as JSON. */
package dev.halley.server.admin;
