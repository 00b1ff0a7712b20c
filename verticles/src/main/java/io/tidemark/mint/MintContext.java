package io.tidemark.mint;

import io.tidemark.environment.Environment;
import io.tidemark.protocol.Bus;
import java.util.function.BooleanSupplier;

/**
 * What a mint verticle is given.
 *
 * @param coordination names the addresses of this coordination of the collection
 * @param writers whom to ask to take part
 * @param mayCoordinate whether the lease is believed in: if not, a stop waits for nothing
 * @param finished is run by a stop once what was described is committed: the lease may go then
 */
public record MintContext(
    String collection,
    String coordination,
    Environment environment,
    Bus bus,
    Writers writers,
    MintSettings settings,
    BooleanSupplier mayCoordinate,
    Runnable finished) {}
