/* SPDX-License-Identifier: MIT */
#include "fixture.h"
#include "vt-runtime/codec.h"

static char *
normalised(const VtCodec *codec, const char *text)
{
    GError *error = NULL;
    char *result = codec->normalise(text, &error);

    g_assert_cmpint(!result, ==, !!error);
    g_clear_error(&error);
    return result;
}

VT_TEST(mac_addresses, "/codec/mac")
{
    assert_text(normalised(&vt_codec_mac, "52:54:00:12:34:56"), "52:54:00:12:34:56");
    assert_text(normalised(&vt_codec_mac, "52-0A-00-12-34-FF"), "52:0a:00:12:34:ff");
    assert_text(normalised(&vt_codec_mac, "52:54:00:1:2:3"), NULL);
    assert_text(normalised(&vt_codec_unicast_mac, "4-A-0-B-c-FF"), "04:0a:00:0b:0c:ff");
    assert_text(normalised(&vt_codec_unicast_mac, "5:A:0:B:c:FF"), NULL);
    assert_text(normalised(&vt_codec_unicast_mac, "0x10203"), "52:54:00:01:02:03");
    assert_text(normalised(&vt_codec_unicast_mac, "16"), "52:54:00:00:00:10");
    assert_text(normalised(&vt_codec_unicast_mac, "16777216"), NULL);
    assert_text(normalised(&vt_codec_mac, ""), NULL);
    assert_text(normalised(&vt_codec_mac, "52:54:00:12:34"), NULL);
    assert_text(normalised(&vt_codec_mac, "52:54:00:12:34:56:78"), NULL);
    assert_text(normalised(&vt_codec_mac, "52:54:00:12:34:"), NULL);
    assert_text(normalised(&vt_codec_mac, "525:4:00:12:34:56"), NULL);
    assert_text(normalised(&vt_codec_mac, "52:54:00:12:34:5g"), NULL);
    assert_text(normalised(&vt_codec_mac, " 52:54:00:12:34:56"), NULL);
}

VT_TEST(uuids, "/codec/uuid")
{
    assert_text(normalised(&vt_codec_uuid, "1B4E28BA-2fa1-11d2-883f-0016d3cca427"),
                "1b4e28ba-2fa1-11d2-883f-0016d3cca427");
    assert_text(normalised(&vt_codec_uuid, "1b4e28ba2fa111d2883f0016d3cca427"), NULL);
    assert_text(normalised(&vt_codec_uuid, "1b4e28ba-2fa1-11d2-883f-0016d3cca42"), NULL);
    assert_text(normalised(&vt_codec_uuid, "1b4e28ba-2fa1-11d2-883f-0016d3cca42g"), NULL);
    assert_text(normalised(&vt_codec_uuid, "{b4e28ba-2fa1-11d2-883f-0016d3cca427}"), NULL);
}

static int64_t
parsed(const VtCodec *codec, const char *text)
{
    GError *error = NULL;
    int64_t value = -1;
    bool ok = codec->parse(text, &value, &error);

    g_assert_cmpint(ok, ==, !error);
    g_clear_error(&error);
    return ok ? value : -1;
}

VT_TEST(sizes, "/codec/size")
{
    g_assert_cmpint(parsed(&vt_codec_size, "0"), ==, 0);
    g_assert_cmpint(parsed(&vt_codec_size, "4096"), ==, 4096);
    g_assert_cmpint(parsed(&vt_codec_size, "4k"), ==, 4096);
    g_assert_cmpint(parsed(&vt_codec_size, "7E"), ==, INT64_C(7) << 60);
    g_assert_cmpint(parsed(&vt_codec_size, "8E"), ==, -1);
    g_assert_cmpint(parsed(&vt_codec_size, "99999999999999999999"), ==, -1);
    g_assert_cmpint(parsed(&vt_codec_size, "4kk"), ==, -1);
    g_assert_cmpint(parsed(&vt_codec_size, ""), ==, -1);
    g_assert_cmpint(parsed(&vt_codec_size, "-1"), ==, -1);
    g_assert_cmpint(parsed(&vt_codec_memory_size, "128"), ==, 128 << 20);
    g_assert_cmpint(parsed(&vt_codec_memory_size, "128B"), ==, 128);
    g_assert_cmpint(parsed(&vt_codec_memory_size, "1G"), ==, 1 << 30);
    assert_text(vt_codec_size.format(0), "0");
    assert_text(vt_codec_size.format(1000), "1000");
    assert_text(vt_codec_size.format(3 << 20), "3M");
}

/* The text of a value has the value. */
VT_TEST(texts_of_values, "/codec/texts-of-values")
{
    static const VtCodec *const codecs[] = {&vt_codec_size, &vt_codec_memory_size, &vt_codec_file_mode};
    static const int64_t values[] = {0, 1, 8, 0777, 1000, 1024, 1025, (1 << 20) + 1, INT64_C(3) << 30, G_MAXINT64};

    for (unsigned i = 0; i < G_N_ELEMENTS(codecs); i++) {
        for (unsigned j = 0; j < G_N_ELEMENTS(values) && (codecs[i] != &vt_codec_file_mode || values[j] <= 0777); j++) {
            g_autofree char *text = codecs[i]->format(values[j]);

            g_assert_cmpint(parsed(codecs[i], text), ==, values[j]);
        }
    }
}

VT_TEST(nearest_names, "/error/nearest")
{
    static const char *const names[] = {"num-queues", "queue-size", "write-cache", "id", "serial", NULL};

    g_assert_cmpstr(vt_nearest("num-queue", names), ==, "num-queues");
    g_assert_cmpstr(vt_nearest("num_queues", names), ==, "num-queues");
    g_assert_cmpstr(vt_nearest("qeueu-size", names), ==, "queue-size");
    g_assert_cmpstr(vt_nearest("seriall", names), ==, "serial");
    g_assert_cmpstr(vt_nearest("di", names), ==, "id");
    g_assert_null(vt_nearest("x", names));
    g_assert_null(vt_nearest("", names));
    g_assert_null(vt_nearest("completely-else", names));
}
