#pragma once

namespace ship {

/// Gives every standard stream that was closed at start a descriptor that refuses reads and writes,
/// so that no file opened later takes its number and gets our output. Call it before anything else.
void keep_standard_streams_taken();

}  // namespace ship
