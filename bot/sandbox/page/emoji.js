/* The emoji that people and bots use most, by Slack's names; an unknown name stays as it was typed. */

const TABLE = `
smile:😄 smiley:😃 grinning:😀 grin:😁 joy:😂 laughing:😆 wink:😉 blush:😊 slightly_smiling_face:🙂 upside_down_face:🙃
heart_eyes:😍 kissing_heart:😘 thinking_face:🤔 neutral_face:😐 expressionless:😑 confused:😕 worried:😟 cry:😢 sob:😭
scream:😱 sweat_smile:😅 sweat:😓 sunglasses:😎 nerd_face:🤓 star-struck:🤩 partying_face:🥳 zipper_mouth_face:🤐 shrug:🤷
face_with_monocle:🧐 face_palm:🤦 facepalm:🤦 exploding_head:🤯 sleeping:😴 innocent:😇 rage:😡 hugging_face:🤗 relieved:😌
+1:👍 thumbsup:👍 -1:👎 thumbsdown:👎 ok_hand:👌 clap:👏 raised_hands:🙌 pray:🙏 wave:👋 muscle:💪 point_right:👉
point_left:👈 point_up:☝️ point_down:👇 raised_hand:✋ hand:✋ crossed_fingers:🤞 v:✌️ handshake:🤝 eyes:👀 brain:🧠 ear:👂
heart:❤️ green_heart:💚 blue_heart:💙 yellow_heart:💛 purple_heart:💜 broken_heart:💔 sparkling_heart:💖 100:💯 fire:🔥
sparkles:✨ star:⭐ star2:🌟 boom:💥 zap:⚡ dizzy:💫 tada:🎉 confetti_ball:🎊 balloon:🎈 gift:🎁 trophy:🏆 medal:🏅
first_place_medal:🥇 second_place_medal:🥈 third_place_medal:🥉 dart:🎯 rocket:🚀 ship:🚢 package:📦 airplane:✈️ car:🚗
white_check_mark:✅ heavy_check_mark:✔️ ballot_box_with_check:☑️ x:❌ heavy_multiplication_x:✖️ negative_squared_cross_mark:❎
warning:⚠️ no_entry:⛔ no_entry_sign:🚫 octagonal_sign:🛑 stop_sign:🛑 exclamation:❗ grey_exclamation:❕ question:❓
grey_question:❔ bangbang:‼️ information_source:ℹ️ bulb:💡 mag:🔍 mag_right:🔎 lock:🔒 unlock:🔓 key:🔑 shield:🛡️
red_circle:🔴 large_green_circle:🟢 large_yellow_circle:🟡 large_orange_circle:🟠 large_blue_circle:🔵 large_purple_circle:🟣
white_circle:⚪ black_circle:⚫ large_green_square:🟩 large_yellow_square:🟨 large_red_square:🟥 large_blue_square:🟦
white_large_square:⬜ black_large_square:⬛ small_blue_diamond:🔹 small_orange_diamond:🔸 large_blue_diamond:🔷
arrow_up:⬆️ arrow_down:⬇️ arrow_left:⬅️ arrow_right:➡️ arrow_upper_right:↗️ arrow_lower_right:↘️ left_right_arrow:↔️
arrows_counterclockwise:🔄 repeat:🔁 rewind:⏪ fast_forward:⏩ leftwards_arrow_with_hook:↩️ arrow_forward:▶️
black_right_pointing_triangle_with_double_vertical_bar:⏯️ double_vertical_bar:⏸️ black_square_for_stop:⏹️ heavy_plus_sign:➕
heavy_minus_sign:➖ infinity:♾️ hourglass:⌛ hourglass_flowing_sand:⏳ stopwatch:⏱️ alarm_clock:⏰ clock1:🕐 timer_clock:⏲️
calendar:📅 date:📅 spiral_calendar_pad:🗓️ chart_with_upwards_trend:📈 chart_with_downwards_trend:📉 bar_chart:📊 abacus:🧮
clipboard:📋 memo:📝 pencil:📝 pencil2:✏️ page_facing_up:📄 file_folder:📁 open_file_folder:📂 card_index_dividers:🗂️
books:📚 book:📖 notebook:📓 bookmark:🔖 label:🏷️ link:🔗 paperclip:📎 pushpin:📌 round_pushpin:📍 scissors:✂️
test_tube:🧪 alembic:⚗️ microscope:🔬 telescope:🔭 dna:🧬 petri_dish:🧫 gear:⚙️ wrench:🔧 hammer:🔨 hammer_and_wrench:🛠️
nut_and_bolt:🔩 magnet:🧲 scales:⚖️ balance_scale:⚖️ game_die:🎲 crystal_ball:🔮 robot_face:🤖 computer:💻 iphone:📱
floppy_disk:💾 electric_plug:🔌 battery:🔋 satellite:📡 bell:🔔 no_bell:🔕 mega:📣 loudspeaker:📢 speech_balloon:💬
thought_balloon:💭 mailbox:📫 email:✉️ envelope:✉️ inbox_tray:📥 outbox_tray:📤 moneybag:💰 money_with_wings:💸 coin:🪙
credit_card:💳 seedling:🌱 herb:🌿 four_leaf_clover:🍀 deciduous_tree:🌳 cactus:🌵 mushroom:🍄 sunny:☀️ cloud:☁️ umbrella:☔
snowflake:❄️ ocean:🌊 rainbow:🌈 earth_africa:🌍 earth_americas:🌎 earth_asia:🌏 crescent_moon:🌙 coffee:☕ tea:🍵 beer:🍺
pizza:🍕 cake:🍰 birthday:🎂 apple:🍎 avocado:🥑 dog:🐶 cat:🐱 bug:🐛 bee:🐝 turtle:🐢 snail:🐌 rabbit:🐰 unicorn_face:🦄
penguin:🐧 hatching_chick:🐣 ghost:👻 skull:💀 bust_in_silhouette:👤 busts_in_silhouette:👥 construction:🚧
rotating_light:🚨 traffic_light:🚦 vertical_traffic_light:🚦 checkered_flag:🏁 triangular_flag_on_post:🚩 white_flag:🏳️
new:🆕 free:🆓 ok:🆗 cool:🆒 sos:🆘 one:1️⃣ two:2️⃣ three:3️⃣ four:4️⃣ five:5️⃣ keycap_ten:🔟 hash:#️⃣ house:🏠
factory:🏭 ladder:🪜 broom:🧹 thermometer:🌡️ pill:💊 adhesive_bandage:🩹 mute:🔇 speaker:🔈 musical_note:🎵 microphone:🎤
art:🎨 jigsaw:🧩 compass:🧭 world_map:🗺️ beginner:🔰 recycle:♻️ trident:🔱 copyright:©️ tm:™️ baby_chick:🐤 wastebasket:🗑️
`;

const NAMES = new Map(TABLE.trim().split(/\s+/).map((entry) => {
  const cut = entry.indexOf(":");
  return [entry.slice(0, cut), entry.slice(cut + 1)];
}));

/** The character of a Slack emoji name, or null. */
export function emoji(name) {
  return NAMES.get(name.replace(/::skin-tone-\d$/, "")) ?? null;
}
