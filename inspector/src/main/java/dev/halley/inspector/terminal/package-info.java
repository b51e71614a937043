/** Events as lines. */
package dev.halley.inspector.terminal;
