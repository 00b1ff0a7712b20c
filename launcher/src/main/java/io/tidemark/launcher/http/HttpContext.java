package io.tidemark.launcher.http;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tidemark.environment.Environment;
import io.tidemark.launcher.config.NodeConfig;
import io.tidemark.persist.PersistClient;
import io.tidemark.protocol.Bus;

/** What the HTTP verticle is given. */
public record HttpContext(
    NodeConfig config,
    Environment environment,
    Bus bus,
    PersistClient persist,
    PrometheusMeterRegistry registry) {}
