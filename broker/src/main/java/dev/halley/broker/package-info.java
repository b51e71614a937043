/** Publications, positions, and the logs that keep them. */
package dev.halley.broker;
