#pragma once

#include <cstdint>

#include "queue/queue_settings.hpp"
#include "record/level.hpp"

namespace ship {

/// How a stored record gives way to a newcomer that finds no room. `lowest_first` records go before
/// all others, lowest severity first and the oldest first within a severity; `oldest_first` records
/// go in order of arrival.
enum class GivesWay : std::uint8_t { never, lowest_first, oldest_first };

/// The policy for a full queue, the same in memory and on disk:
///
///   newcomer     drop = newest                      drop = oldest
///   unprotected  is refused                         takes the place of the oldest unprotected ones
///                                                   of no higher severity
///   protected    takes the place of unprotected     the same; where only protected ones are left,
///                ones, lowest severity first; where  it takes the place of the oldest protected
///                only protected ones are left it is  ones of no higher severity
///                refused
///
/// If even that frees too little room, the newcomer is refused and nothing gives way.
inline GivesWay gives_way(DropPolicy drop, bool newcomer_protected, Severity newcomer,
                          bool there_protected, Severity there) {
  if (newcomer_protected && !there_protected) return GivesWay::lowest_first;
  if (drop == DropPolicy::newest || newcomer_protected != there_protected) return GivesWay::never;
  return there <= newcomer ? GivesWay::oldest_first : GivesWay::never;
}

}  // namespace ship
