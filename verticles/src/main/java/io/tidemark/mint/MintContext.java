package io.tidemark.mint;

import io.tidemark.environment.Environment;
import io.tidemark.protocol.Bus;

/**
 * What a mint verticle is given.
 *
 * @param coordination names the addresses of this coordination of the collection
 * @param writers whom to ask to take part
 */
public record MintContext(
    String collection,
    String coordination,
    Environment environment,
    Bus bus,
    Writers writers,
    MintSettings settings) {}
