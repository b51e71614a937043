/**
 * Measures a push server from outside: {@link dev.halley.loadgen.EchoLoad}, {@link
 * dev.halley.loadgen.FanoutLoad}, {@link dev.halley.loadgen.IdleLoad} and {@link
 * dev.halley.loadgen.ResumeLoad} drive WebSockets on a {@link dev.halley.loadgen.LoadLoop} and
 * check every message that arrives.
 */
package dev.halley.loadgen;
