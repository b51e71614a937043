/**
 * The real server over loopback: {@link dev.halley.benchmarks.servers.ServersMain} measures it
 * beside other servers, {@link dev.halley.benchmarks.servers.CurvesMain} how its cost grows, {@link
 * dev.halley.benchmarks.servers.SoakMain} whether what it holds does.
 */
@NullMarked
package dev.halley.benchmarks.servers;

import org.jspecify.annotations.NullMarked;
