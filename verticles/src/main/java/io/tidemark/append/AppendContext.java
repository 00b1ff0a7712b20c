package io.tidemark.append;

import io.tidemark.catalog.CollectionSpec;
import io.tidemark.environment.Environment;
import io.tidemark.persist.PersistClient;
import io.tidemark.protocol.Bus;
import java.util.function.BooleanSupplier;

/**
 * What an append verticle is given.
 *
 * @param coordination names the addresses of this coordination of the collection
 * @param mayCoordinate whether to begin another epoch, as far as the lease says
 * @param maxProducers how many producers the shard may remember
 */
public record AppendContext(
    CollectionSpec collection,
    String coordination,
    Environment environment,
    Bus bus,
    PersistClient persist,
    AppendSettings settings,
    AppendMeters meters,
    BooleanSupplier mayCoordinate,
    int maxProducers) {

  String name() {
    return collection.name();
  }
}
