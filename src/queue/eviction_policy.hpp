#pragma once

#include <cstdint>

#include "queue/queue_settings.hpp"
#include "record/level.hpp"

namespace ship {

/// How a record that is there gives way to one that finds no room. Those that give way
/// `lowest_first` go before all others, the lowest severity first and the oldest of it first; those
/// that give way `oldest_first` go in order of arrival.
enum class GivesWay : std::uint8_t { never, lowest_first, oldest_first };

/// The policy of a full queue, the same in memory and on disk:
///
///   newcomer     drop = newest                      drop = oldest
///   unprotected  is refused                         takes the place of the oldest unprotected ones
///                                                   of no higher severity
///   protected    takes the place of unprotected     the same; where only protected ones are left,
///                ones, lowest severity first; where  it takes the place of the oldest protected
///                only protected ones are left it is  ones of no higher severity
///                refused
///
/// Where even that makes too little room, the newcomer is refused and nothing gives way.
inline GivesWay gives_way(DropPolicy drop, bool newcomer_protected, Severity newcomer,
                          bool there_protected, Severity there) {
  if (newcomer_protected && !there_protected) return GivesWay::lowest_first;
  if (drop == DropPolicy::newest || newcomer_protected != there_protected) return GivesWay::never;
  return there <= newcomer ? GivesWay::oldest_first : GivesWay::never;
}

}  // namespace ship
