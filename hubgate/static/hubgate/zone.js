// Fills in the time zone of the browser where its owner never chose one; saving the form keeps it.
const field = document.getElementById("id_zone");
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (field && zone && zone !== field.value) {
  field.value = zone;
  document.getElementById("zone-guess").hidden = false;
}
