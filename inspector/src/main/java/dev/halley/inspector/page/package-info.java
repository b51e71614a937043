/** Events for a browser. */
package dev.halley.inspector.page;
