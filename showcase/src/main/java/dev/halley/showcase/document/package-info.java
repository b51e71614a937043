/** A document that several people edit at once: what is kept of it beside its channel's log. */
package dev.halley.showcase.document;
