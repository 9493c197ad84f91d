"""Defects of the field: authorize."""

from bench.virtual.faults.defect import FieldDefect

AUTHORIZE: tuple[FieldDefect, ...] = (
    FieldDefect(
        "FD-075",
        "1.6",
        "authorize",
        "billing",
        "goecharger/go-eCharger-API-v2#176",
        symptom="a tag that the station knows is supplied with energy; neither Authorize nor StartTransaction is sent",
        switches=("known_tag_bypasses_the_csms",),
    ),
    FieldDefect(
        "FD-076",
        "1.6",
        "authorize",
        "billing",
        "dingo35/SmartEVSE-3.5#362",
        symptom="the last two characters of the tag, its last byte, are missing in Authorize and StartTransaction",
        switches=("reader_drops_the_last_byte",),
    ),
    FieldDefect(
        "FD-077",
        "1.6",
        "authorize",
        "interop",
        "SmartEVSE/SmartEVSE-3#76",
        symptom="the tag that is set to let everybody in stands in StartTransaction as another text",
        switches=("free_tag_in_hexadecimal",),
    ),
    FieldDefect(
        "FD-078",
        "1.6",
        "authorize",
        "interop",
        "EVerest/libocpp#496",
        symptom="offline, with LocalAuthorizeOffline true and LocalPreAuthorize false, a tag of the local list starts nothing",
        switches=("offline_list_needs_pre_authorize",),
    ),
    FieldDefect(
        "FD-079",
        "1.6",
        "authorize",
        "billing",
        "EVerest/libocpp#793",
        symptom="offline, a cached tag whose expiryDate has passed starts a transaction",
        switches=("expiry_of_tags_ignored",),
    ),
    FieldDefect(
        "FD-080",
        "2.0.1",
        "authorize",
        "interop",
        "EVerest/libocpp#1048",
        symptom="each presentation of a cached token brings an AuthorizeRequest although the cache is enabled and LocalPreAuthorize is true",
        switches=("cache_forgets_at_once",),
    ),
)
