/**
 * What an application answers itself, on the port of the channels: requests, files and WebSockets
 * of its own. An {@link dev.halley.server.app.Application} says which path goes where, and {@link
 * dev.halley.server.HalleyServer#start(dev.halley.server.ServerConfig, dev.halley.broker.Broker,
 * dev.halley.server.app.Application)} takes it.
 */
package dev.halley.server.app;
