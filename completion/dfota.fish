# fish completion for dfota: the program itself says what can follow.

function __dfota_complete
	set -l words (commandline -opc) (commandline -ct)
	set -l begin (string match -r -- '^--[^=]*=' $words[-1])
	for line in ($words[1] complete $words[2..-1] 2>/dev/null)
		if test "$line" = :files
			__fish_complete_path (string replace -r -- '^--[^=]*=' '' $words[-1])
		else
			echo "$begin$line"
		end
	end
end

complete -c dfota -f -a '(__dfota_complete)'
