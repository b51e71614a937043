/**
 * The tap: {@link dev.halley.inspector.Tap} is the proxy, {@link dev.halley.inspector.Capture}
 * reads what others captured, {@link dev.halley.inspector.TapLog} holds what was seen last, and
 * {@link dev.halley.inspector.TerminalView} and {@link dev.halley.inspector.TapPage} show it.
 */
package dev.halley.inspector;
