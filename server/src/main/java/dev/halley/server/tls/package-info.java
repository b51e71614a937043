/** Certificates and TLS in front of HTTP. Nothing of it is loaded by a server without TLS. */
package dev.halley.server.tls;
