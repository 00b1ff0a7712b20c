package io.tidemark.lease;

import io.micrometer.core.instrument.MeterRegistry;
import io.tidemark.append.AppendSettings;
import io.tidemark.environment.Environment;
import io.tidemark.mint.MintSettings;
import io.tidemark.mint.Writers;
import io.tidemark.persist.Coordinator;
import io.tidemark.persist.PersistClient;
import io.tidemark.protocol.Bus;

/**
 * What the lease verticle is given, and hands on to the verticles that it deploys.
 *
 * @param self who coordinates here, as others are told
 * @param maxProducers how many producers one shard may remember
 */
public record LeaseContext(
    Environment environment,
    Bus bus,
    PersistClient persist,
    Leases leases,
    Writers writers,
    Deployer deployer,
    MeterRegistry registry,
    MintSettings mint,
    AppendSettings append,
    LeaseSettings lease,
    Coordinator self,
    int maxProducers) {}
