package io.tidemark.write;

import io.tidemark.environment.Environment;
import io.tidemark.persist.PersistClient;
import io.tidemark.protocol.Bus;

/**
 * What a write verticle is given.
 *
 * @param writer its id, unique in the cluster and for all time
 */
public record WriteContext(
    String writer,
    Environment environment,
    Bus bus,
    PersistClient persist,
    MemoryBudget budget,
    WriterSettings settings,
    WriteMeters meters) {}
