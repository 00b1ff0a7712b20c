package io.tidemark.admin;

import io.tidemark.environment.Environment;
import io.tidemark.mint.Writers;
import io.tidemark.persist.PersistClient;
import io.tidemark.protocol.Bus;

/**
 * What the admin verticle is given.
 *
 * @param readyMillis how long a creation waits until the collection takes rows
 */
public record AdminContext(
    Environment environment, Bus bus, PersistClient persist, Writers writers, long readyMillis) {}
