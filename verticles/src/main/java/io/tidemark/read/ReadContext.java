package io.tidemark.read;

import io.tidemark.environment.Environment;
import io.tidemark.persist.PersistClient;
import io.tidemark.protocol.Bus;

/**
 * What a read verticle is given.
 *
 * @param reader its id, unique in the cluster and for all time
 */
public record ReadContext(
    String reader,
    Environment environment,
    Bus bus,
    PersistClient persist,
    ReadSettings settings,
    ReadMeters meters) {}
