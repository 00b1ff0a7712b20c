package io.tidemark.sim;

import java.util.List;
import java.util.stream.Stream;

/** Who uses the cluster. */
record Applications(
    List<PublisherActor> publishers,
    List<SourceActor> sources,
    List<FollowerActor> followers,
    List<SubscriberActor> subscribers) {

  List<Application> readers() {
    return Stream.<Application>concat(followers.stream(), subscribers.stream()).toList();
  }
}
