package io.tidemark.append;

import io.tidemark.catalog.CollectionSpec;
import io.tidemark.environment.Environment;
import io.tidemark.persist.Coordinator;
import io.tidemark.persist.PersistClient;
import io.tidemark.protocol.Bus;

/**
 * What an append verticle is given.
 *
 * @param coordination names the addresses of this coordination of the collection
 * @param self who begins epochs here
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
    Tenure tenure,
    Coordinator self,
    int maxProducers) {

  String name() {
    return collection.name();
  }
}
