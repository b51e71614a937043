/**
 * Web hooks: asks an endpoint of the application who may do what. Nothing of it is loaded by a
 * server without them.
 */
package dev.halley.server.hook;
